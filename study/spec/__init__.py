"""What a study file may say: studies, arms, claims, search spaces; reading and checking them.

Not here: the studies themselves (`study.catalog`).
"""
