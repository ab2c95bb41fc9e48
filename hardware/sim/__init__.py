"""Stand-ins for the physical world: a practising body, its sensors, the chips that read them."""
