/** For a server on this machine that nobody trusts: made for the tests, and used by nothing else. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM0SuJuAyotFo/y8O
2vly40rWYd57iqa2TZvvtUmm13+hRANCAAQJbJyvmRolsiZDajXqjVvE7WkUYC/9
IgPyrBp/MV+w9yUb1+tEZjU7u6yZ+s2PbINKsmgeq+cQBut+m4x1Mzxx
-----END PRIVATE KEY-----`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUIPck7hLC/FTfAZcpH1nrR5/YnwkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzIxMjk1MFoYDzIxMjYxMTAz
MjEyOTUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQJbJyvmRolsiZDajXqjVvE7WkUYC/9IgPyrBp/MV+w9yUb1+tEZjU7
u6yZ+s2PbINKsmgeq+cQBut+m4x1Mzxxo1MwUTAdBgNVHQ4EFgQUZsCaKFY47PHj
kBaA6SSfWbfGXcAwHwYDVR0jBBgwFoAUZsCaKFY47PHjkBaA6SSfWbfGXcAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBQ7IyYhtXm9o2pKuGjSsbv
5mwZ7+1t5NbTG+Lv4+K6mgIgLKI12aDSyMBKMFNE3pNWGJ0quvmYtjKyAFVuAwbc
y8g=
-----END CERTIFICATE-----`;
