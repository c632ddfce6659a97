/**
 * True for the code of an error that says that TLS came to nothing: a handshake that failed, or a certificate that
 * cannot be trusted.
 *
 * Source: the documentation of Node.js, "X509 certificate error codes" and "OpenSSL error codes".
 */
export function isTlsFailure(code: string): boolean {
  return /^(?:ERR_(?:TLS|SSL|OSSL)_|UNABLE_TO_|INVALID_(?:CA|PURPOSE)$|EPROTO$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$)|CERT|SIGNATURE|CRL_/.test(
    code,
  );
}
