"""What every room stands on: errors, ids, clock, paging, tenancy, sealing. Nothing here knows a room."""
