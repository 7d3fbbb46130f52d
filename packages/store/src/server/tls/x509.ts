// Imported dynamically, by those few who make or read certificates: it takes a while to load. The
// library is CommonJS and wants the polyfill first, which `import()` of it alone would not give.
import 'reflect-metadata'

export {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509Crl,
} from '@peculiar/x509'
