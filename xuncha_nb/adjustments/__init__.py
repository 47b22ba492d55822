"""Adjustments of base figures: the file, its history, staleness, drafts, and trying them out.

Every adjustment has its original, a reason, an author and a time. Derived figures are never
adjusted: they follow. See :mod:`xuncha_nb.adjustments.model` for the file.
"""
