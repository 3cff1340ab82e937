"""Listings 供需信息: stalls to let, resources to share, offers between firms and work-study posts."""
