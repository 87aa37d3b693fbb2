"""What needs several rooms at once: planning, running and judging whole commands.

Not here: parsing and printing (`study.cli`).
"""
