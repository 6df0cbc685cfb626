self.reopen = () => chrome.sessions.restore();
