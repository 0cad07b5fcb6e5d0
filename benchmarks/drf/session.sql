-- Both accounting tables as one; PostgreSQL walks their indexes through it, as it does for GATE.
CREATE VIEW drf_session AS
SELECT
    radacctid, acctsessionid, encode(acctuniqueid, 'hex') AS acctuniqueid, username, groupname, realm,
    host(nasipaddress) AS nasipaddress, nasportid, nasporttype, acctstarttime, acctupdatetime, acctstoptime, acctinterval,
    acctsessiontime, acctauthentic, connectinfo_start, connectinfo_stop, acctinputoctets, acctoutputoctets, calledstationid,
    callingstationid, acctterminatecause, servicetype, framedprotocol, host(framedipaddress) AS framedipaddress,
    tenant_id, organization_id, user_id, user_transaction_id, nas_id, location_id, access_point_id, nasidentifier, klass, ssid
FROM accounting_live
UNION ALL
SELECT
    radacctid, acctsessionid, encode(acctuniqueid, 'hex') AS acctuniqueid, username, groupname, realm,
    host(nasipaddress) AS nasipaddress, nasportid, nasporttype, acctstarttime, acctupdatetime, acctstoptime, acctinterval,
    acctsessiontime, acctauthentic, connectinfo_start, connectinfo_stop, acctinputoctets, acctoutputoctets, calledstationid,
    callingstationid, acctterminatecause, servicetype, framedprotocol, host(framedipaddress) AS framedipaddress,
    tenant_id, organization_id, user_id, user_transaction_id, nas_id, location_id, access_point_id, nasidentifier, klass, ssid
FROM accounting_history
