"""What only the chapter has: its questions, explanations, discrepancies and publishing.

Not here: anything that serves other studies.
"""
