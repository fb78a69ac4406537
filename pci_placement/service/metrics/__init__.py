"""Metrics of the service: what passes mean as numbers, and where others read them."""
