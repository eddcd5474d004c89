// Owns clients by which data leaves and that are no HTTP client, by the shape of their names. Imports types alone.
// Start at channelSink.
import type { SinkKind } from './models.ts';

/** Methods that put something into a bucket, a folder, a queue, a repository of somebody's account. Linear. */
const UPLOADS =
  /^(?:(?:aio)?boto3|botocore|minio|google\.cloud\.\w+|azure\.\w+|oss2|qcloud_cos|b2sdk|dropbox|huggingface_hub|github|gitlab|paramiko|pysftp|asyncssh|scp|fabric|webdav3|smbprotocol|s3fs|gspread|notion_client|airtable|pyairtable)\b[^\n]{0,200}\.(?:put_object|upload_\w+|upload|fput_object|append_row|append_rows|putfo|put|publish|send_message|put_records?|files_upload\w*|create_gist|create_file|create_issue|create_commit|upload_sync|open\(\)\.write)$/;

/** Any method of these is a request that carries its arguments. */
const PROXIES =
  /^(?:xmlrpc\.client\.ServerProxy|jsonrpclib\.Server(?:Proxy)?|jsonrpclib\.jsonrpc\.ServerProxy|Pyro[45]\.(?:api\.)?Proxy|rpyc\.connect\(\)\.root|zeep\.Client\(\)\.service|suds\.client\.Client\(\)\.service|xmlrpclib\.ServerProxy)(?:\(\))?\.[\w.]+$/;

/** Writing to a stream that is a connection. */
const STREAMS =
  /^(?:asyncio\.open_connection\(\)\[\]|asyncio\.StreamWriter\(\)|socket\.socket\(\)(?:\.makefile\(\))?|telnetlib\.Telnet\(\)|telnetlib3\.open_connection\(\)\[\]|trio\.open_(?:tcp|ssl_over_tcp)_stream\(\)|anyio\.connect_tcp\(\)|websockets\.(?:sync\.client\.)?connect\(\)|asyncio\.get_event_loop\(\)\.create_connection\(\)\[\]|asyncio\.DatagramTransport\(\))\.(?:write|writelines|send_all|send|sendto|sendmsg|send_bytes)$/;

/** What a call does by its name, where the name is one of many; undefined for others. */
export function channelSink(name: string): SinkKind | undefined {
  return PROXIES.test(name) || STREAMS.test(name) || UPLOADS.test(name) ? 'network' : undefined;
}
