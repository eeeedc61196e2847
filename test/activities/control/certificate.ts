// What a server named hooks.example shows in tests of notices, signed by itself: it stands for nothing else, so its key is no secret.
const pem = (what: string, lines: string) => `-----BEGIN ${what}-----\n${lines.trim()}\n-----END ${what}-----\n`;

export const hooksExample = {
  key: pem(
    'PRIVATE KEY',
    `
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWCPq8s+egzrhH5hq
ZygFaN6mnqR+31asyJ8cpkWw9eKhRANCAARrJcG2J6SgrL1hmyE2O0FvYwt/QY3y
jTtfTGQCNGkCPwr0fp632XbKPgP4fBeeiXFvpxXfS3R3HoLYQyWrdK1X`,
  ),
  cert: pem(
    'CERTIFICATE',
    `
MIIBoDCCAUegAwIBAgIUE85bG7vuyJ6ITiYvF5Rr8fcVZO0wCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTAgFw0yNjExMjcxNTE1NThaGA8yMTI2
MTEwMzE1MTU1OFowGDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABGslwbYnpKCsvWGbITY7QW9jC39BjfKNO19MZAI0aQI/
CvR+nrfZdso+A/h8F56JcW+nFd9LdHcegthDJat0rVejbTBrMB0GA1UdDgQWBBTM
kV9usEch2ARyp/BeJ+ybOVKdyzAfBgNVHSMEGDAWgBTMkV9usEch2ARyp/BeJ+yb
OVKdyzAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDWhvb2tzLmV4YW1wbGUw
CgYIKoZIzj0EAwIDRwAwRAIgN6MFk4iKIuo9vXJWLVbBarh2pGX+zo912GRhkufB
DWkCIFrpMnEjQoPLUHAzAXoVB1wHiXtqlGo4T/IUEOxZMHpd`,
  ),
};
