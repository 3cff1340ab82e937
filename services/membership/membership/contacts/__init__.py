"""Contact: that somebody was contacted, on which day, about which topic. Nothing else about anybody."""
