"""Questions that were not answered: rewritten by one member of staff and approved by another as training examples."""
