# What the options of the real supervisorctl are for each of these files: a line of JSON for each, null where it gives up.
import io
import json
import sys

from supervisor.options import ClientOptions

for file in sys.argv[1:]:
    options = ClientOptions()
    options.stderr = io.StringIO()
    try:
        options.realize(['-c', file, 'status'], doc='', progname='supervisorctl')
        print(json.dumps([options.serverurl, options.username, options.password]))
    except (Exception, SystemExit):
        print('null')
