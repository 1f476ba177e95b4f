# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP servers over a depot's public tree: nginx and Apache as sites run them, and `sluice serve`."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import program

NGINX = '''\
daemon off;
master_process off;
pid {scratch}/pid;
error_log {scratch}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log {scratch}/access.log;
    client_body_temp_path {scratch}/body;
    proxy_temp_path {scratch}/proxy;
    fastcgi_temp_path {scratch}/fastcgi;
    uwsgi_temp_path {scratch}/uwsgi;
    scgi_temp_path {scratch}/scgi;
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port};
        root {public};
    }}
}}
'''

APACHE = '''\
ServerRoot {scratch}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
User nobody
Group nogroup
PidFile {scratch}/pid
ErrorLog {scratch}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
DocumentRoot {public}
<Directory {public}>
    Options {links}
    Require all granted
</Directory>
'''


class Server:
    """Started by entering, ended by leaving; the log is shown where it does not come up."""

    def __init__(self, depot):
        self.depot = depot
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix='sluice-server-'))
        self.process = None

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        log = self.scratch / 'log'
        with log.open('w') as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out,
                                            env=program.environment())
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.depot.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise program.Failed(f'{self.command()[0]}: {log.read_text()}') from None
                time.sleep(0.02)

    def __exit__(self, *_):
        self.close()
        shutil.rmtree(self.scratch)

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Nginx(Server):
    def command(self):
        config = self.scratch / 'nginx.conf'
        config.write_text(NGINX.format(scratch=self.scratch, port=self.depot.port,
                                       public=self.depot.public))
        return [shutil.which('nginx') or '/usr/sbin/nginx', '-c', str(config),
                '-e', str(self.scratch / 'error.log')]


class Apache(Server):
    links = 'FollowSymLinks'

    def command(self):
        # Started by root it reads as another user.
        self.depot.scratch.chmod(0o755)
        config = self.scratch / 'apache.conf'
        config.write_text(APACHE.format(scratch=self.scratch, port=self.depot.port, links=self.links,
                                        public=self.depot.public, modules='/usr/lib/apache2/modules'))
        return [shutil.which('apache2') or '/usr/sbin/apache2', '-DFOREGROUND', '-f', str(config)]


class ApacheIfOwnerMatches(Apache):
    links = 'SymLinksIfOwnerMatch'


class SluiceServe(Server):
    def command(self):
        return list(self.depot.command('serve', '--listen', f'127.0.0.1:{self.depot.port}'))


ALL = (Nginx, Apache, ApacheIfOwnerMatches, SluiceServe)
