// A delivery as browsers' developer tools copy it, written by the rules of Chromium's.

export const COPIED = {
  "cURL (bash)": ({ header, body }) =>
    `curl 'https://x.example/hooks' \\\n  -H 'content-type: application/json' \\\n  -H 'dealix-signature: ${header}' \\\n  --data-raw ${posix(body)}`,
  "cURL (cmd)": ({ header, body }) =>
    `curl ^"https://x.example/hooks^" ^\n  -H ^"content-type: application/json^" ^\n  -H ${cmd(`dealix-signature: ${header}`)} ^\n  --data-raw ${cmd(body)}`,
  PowerShell: ({ header, body }) =>
    `$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest -UseBasicParsing -Uri "https://x.example/hooks" \`\n-Method "POST" \`\n-WebSession $session \`\n-Headers @{\n"accept"="*/*"\n  "dealix-signature"="${header}"\n} \`\n-ContentType "application/json" \`\n-Body ${power(body)}`,
  fetch: ({ header, body }) =>
    `fetch("https://x.example/hooks", {\n  "headers": {\n    "content-type": "application/json",\n    "dealix-signature": "${header}"\n  },\n  "referrer": "https://x.example/",\n  "body": ${JSON.stringify(body)},\n  "method": "POST",\n  "mode": "cors"\n});`,
};

function posix(text) {
  if (!/[\0-\x1f\x7f-\x9f!]|'/.test(text)) return `'${text}'`;
  const escaped = text.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\r/g, "\\r");
  const code = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `$'${escaped.replace(/[\0-\x1f\x7f-\x9f!]/g, code)}'`;
}

function cmd(text) {
  const escaped = text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]/g, "^$&")
    .replace(/%(?=[a-zA-Z0-9_])/g, "%^")
    .replace(/\r?\n/g, "^\n\n");
  return `^"${escaped}^"`;
}

function power(text) {
  const escaped = text.replace(/[`$"]/g, "`$&").replace(/\r/g, "`r").replace(/\n/g, "`n");
  const plain = `"${escaped.replace(/[^\x20-\x7e]/g, (character) => `$([char]${character.charCodeAt(0)})`)}"`;
  return /[^\0-\x7f]/.test(text) ? `([System.Text.Encoding]::UTF8.GetBytes(${plain}))` : plain;
}
