"""The dashboard's web server: uvicorn's HTTP/1.1 on a listener that counts connections by peer, Flask in worker threads."""
