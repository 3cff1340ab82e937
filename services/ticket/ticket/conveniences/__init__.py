"""Conveniences 便民服务: meals heated, hot water and advice at the station, counted and nothing else."""
