"""What a training run is told: every knob, the identity of a trial, errors with exit codes.

Frozen values; nothing is imported but the standard library.
"""
