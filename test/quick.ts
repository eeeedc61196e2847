// A quick test has Node and its own files: no program is on the path, and nothing that was fetched before is in the cache.
process.env['PATH'] = '/nonexistent';
process.env['XDG_CACHE_HOME'] = '/nonexistent';
