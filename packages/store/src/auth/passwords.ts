/**
 * Passwords are kept as bcrypt hashes, as etcd keeps them: a backup's users can log in here and
 * there. Loaded when the first password comes, since most stores have none.
 */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const { default: bcrypt } = await import('bcryptjs')
  return bcrypt.hash(password, cost)
}

export async function checkPassword(password: string, hash: string): Promise<boolean> {
  const { default: bcrypt } = await import('bcryptjs')
  return bcrypt.compare(password, hash)
}
