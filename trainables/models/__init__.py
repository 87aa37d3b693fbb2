"""What is trained: networks over one flat parameter vector.

Not here: optimisers and the loop (`trainables.training`).
"""
