"""The 12 rights: approved answers, the facts and time limits behind them, and the edition of the Code in force."""
