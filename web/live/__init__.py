"""What is sent on while it happens: the event stream of the pages, MQTT, metrics."""
