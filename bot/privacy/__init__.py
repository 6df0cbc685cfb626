"""Data protection: how long things are kept, holds, erasure, subject access and complaints.

Rules: shared/protection.md, "Data protection"; the papers are in docs/privacy/.
"""
