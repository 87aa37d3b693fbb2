"""What a training run reports: epoch records, tensor summaries, whole trials, the metrics.

Not here: how they are stored (`study.storage`).
"""
