"""Papers a person makes for themselves: a complaint, an outline for a statement, a sheet of rights.

Each comes as plain text, as a fragment of HTML for print, and as a .docx. Nothing is stored anywhere.
"""

from bot.papers.complaint import Complaint, complaint_letter
from bot.papers.paper import Paper, Writer
from bot.papers.phrases import PapersPhrases, load_papers_phrases
from bot.papers.render import FILE_NAME, MEDIA_TYPE, as_docx, as_html, as_text
from bot.papers.rights_sheet import rights_sheet
from bot.papers.statement import statement_outline

__all__ = [
    "FILE_NAME",
    "MEDIA_TYPE",
    "Complaint",
    "Paper",
    "PapersPhrases",
    "Writer",
    "as_docx",
    "as_html",
    "as_text",
    "complaint_letter",
    "load_papers_phrases",
    "rights_sheet",
    "statement_outline",
]
