-- A copy of a database must not write into anybody's iCloud.
UPDATE icloud_account SET state = 'disconnected', secret = NULL, next_import = NULL;
