package password

import "testing"

// The vectors of bcrypt and Argon2 are those of their own test suites; the others were made by Python's hashlib.
func TestHashes(t *testing.T) {
	for _, tt := range []struct{ algorithm, hash, password string }{
		{BCrypt, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{BCrypt, "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{SCrypt, "$scrypt$ln=4,r=8,p=2$c2FsdHNhbHQ$lRZGt+4bu/70plxgTkH7FJBaPxgsKjfbO1f+FuM1frQ", "password"},
		{Argon2ID, "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		{PBKDF2SHA256, "$pbkdf2-sha256$29000$c2FsdHNhbHQ$.VTCTyH95.mVPmKUq4TRgB3DtcJmxbhNahmNXfKlJBY", "password"},
		{PBKDF2SHA256, "$pbkdf2-sha256$i=29000,l=32$c2FsdHNhbHQ$+VTCTyH95+mVPmKUq4TRgB3DtcJmxbhNahmNXfKlJBY", "password"},
		{PBKDF2SHA256, "pbkdf2_sha256$29000$saltsalt$+VTCTyH95+mVPmKUq4TRgB3DtcJmxbhNahmNXfKlJBY=", "password"},
	} {
		if err := CheckHash(tt.algorithm, tt.hash); err != nil {
			t.Errorf("%s: %v", tt.hash, err)
		}
		if !matchesHash(tt.hash, tt.password) {
			t.Errorf("%s does not fit its password", tt.hash)
		}
		if matchesHash(tt.hash, tt.password+"x") {
			t.Errorf("%s fits another password", tt.hash)
		}
	}
}

// What would cost too much, or is no hash of the algorithm, is refused before anything is computed.
func TestRefusedHashes(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, tt := range []struct{ algorithm, hash string }{
		{SCrypt, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
		{BCrypt, ""}, {BCrypt, "$"}, {BCrypt, "$2a$"}, {BCrypt, "$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
		{BCrypt, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe!"},
		{SCrypt, "$scrypt$ln=21,r=8,p=1$" + salt + "$" + key}, {SCrypt, "$scrypt$ln=18,r=8,p=1$" + salt + "$" + key},
		{SCrypt, "$scrypt$ln=14,r=8,p=65$" + salt + "$" + key}, {SCrypt, "$scrypt$r=8,ln=14,p=1$" + salt + "$" + key},
		{SCrypt, "$scrypt$ln=14,r=8,p=1$" + salt}, {SCrypt, "$scrypt$ln=4,r=999999999,p=999999999$" + salt + "$" + key},
		{Argon2ID, "$argon2id$v=16$m=65536,t=2,p=1$" + salt + "$" + key}, {Argon2ID, "$argon2id$v=19$m=131073,t=1,p=1$" + salt + "$" + key},
		{Argon2ID, "$argon2id$v=19$m=65536,t=17,p=1$" + salt + "$" + key}, {Argon2ID, "$argon2id$v=19$m=65536,t=2,p=17$" + salt + "$" + key},
		{Argon2ID, "$argon2id$v=19$m=4,t=2,p=1$" + salt + "$" + key}, {Argon2ID, "$argon2id$v=19$m=-8,t=2,p=1$" + salt + "$" + key},
		{Argon2ID, "$argon2i$v=19$m=65536,t=2,p=1$" + salt + "$" + key},
		{PBKDF2SHA256, "$pbkdf2-sha256$2000001$" + salt + "$" + key}, {PBKDF2SHA256, "$pbkdf2-sha256$0$" + salt + "$" + key},
		{PBKDF2SHA256, "$pbkdf2-sha256$1$" + salt + "$c2FsdA"}, {PBKDF2SHA256, "pbkdf2_sha256$1$$" + key},
	} {
		if CheckHash(tt.algorithm, tt.hash) == nil {
			t.Errorf("%s is taken for a hash of %s", tt.hash, tt.algorithm)
		}
		if _, check, err := parseHash(tt.hash); err != nil && check != nil {
			t.Errorf("%s is refused and can be checked", tt.hash)
		}
	}
}
