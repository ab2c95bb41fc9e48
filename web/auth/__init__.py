"""Who may open the dashboard: pairing, paired devices, the guard before every route, the certificate."""
