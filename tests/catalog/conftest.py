"""Hypothesis without deadlines: on a busy machine a slow example is no defect."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
