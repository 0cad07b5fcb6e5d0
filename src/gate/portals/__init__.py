"""Portals: guests whom a captive portal let in, as sessions the RADIUS server honours."""
