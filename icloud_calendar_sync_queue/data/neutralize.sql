-- A copy asks nothing of iCloud, and knows nothing of who did.
DELETE FROM queue_job WHERE channel LIKE 'root.icloud%' OR channel_method_name LIKE '<icloud.%';
