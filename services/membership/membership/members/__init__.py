"""The roster 名册: who belongs to which body, organisation and floor group."""
