"""Tables of trials, effects and overfitting. Not here: how a table is written (`analysis.text`)."""
