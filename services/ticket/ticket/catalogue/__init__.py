"""The catalogue 服务目录: what a building does for people, as data."""
