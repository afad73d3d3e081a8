package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// Hash algorithms of imported passwords. Source: PasswordHashingAlgorithmType of the API.
const (
	BCrypt       = "BCRYPT"
	SCrypt       = "SCRYPT"
	Argon2ID     = "ARGON2ID"
	PBKDF2SHA256 = "PBKDF2_SHA256"
)

// What one check of a hash may cost, so that none can take the machine.
const (
	maxHashText   = 512       // bytes
	maxHashMemory = 128 << 20 // bytes
	maxBCryptCost = 14
	maxSCryptWork = 1 << 20 // N·r·p
	maxArgonWork  = 1 << 20 // KiB times passes
	maxArgonLanes = 16
	maxIterations = 2_000_000
	minHashSize   = 16 // bytes of salt or key that are too few to be meant
	minSaltSize   = 4
	maxHashSize   = 128
)

// ErrHash says that a hash is not of the algorithm's form, or costs more than is allowed.
var ErrHash = errors.New("password: not a hash that can be checked")

// hash checks a password against what an import brought.
type hash func(password string) bool

// CheckHash says why a hash of the algorithm cannot be used: ErrHash, or nil.
func CheckHash(algorithm, text string) error {
	found, parsed, err := parseHash(text)
	if err == nil && (found != algorithm || parsed == nil) {
		err = ErrHash
	}
	return err
}

// parseHash reads the forms in which the algorithms' hashes are written: $2b$ for bcrypt, PHC strings for the others,
// the form of Python's passlib for PBKDF2 ($pbkdf2-sha256$29000$salt$key), and Django's (pbkdf2_sha256$…).
func parseHash(text string) (algorithm string, check hash, err error) {
	if len(text) > maxHashText {
		return "", nil, ErrHash
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(text, "$"), "$")
	fields := strings.Split(rest, "$")
	switch {
	case !strings.HasPrefix(text, "$") && name == "pbkdf2_sha256":
		check, err = parseDjango(fields)
		return PBKDF2SHA256, check, err
	case !strings.HasPrefix(text, "$"):
		return "", nil, ErrHash
	}
	switch name {
	case "2a", "2b", "2y":
		check, err = parseBCrypt(text)
		return BCrypt, check, err
	case "scrypt":
		check, err = parseSCrypt(fields)
		return SCrypt, check, err
	case "argon2id":
		check, err = parseArgon2ID(fields)
		return Argon2ID, check, err
	case "pbkdf2-sha256":
		check, err = parsePBKDF2(fields)
		return PBKDF2SHA256, check, err
	}
	return "", nil, ErrHash
}

// parseBCrypt takes $2b$cost$ and 53 characters.
func parseBCrypt(text string) (hash, error) {
	const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	cost, err := bcrypt.Cost([]byte(text))
	if err != nil || len(text) != 60 || cost > maxBCryptCost || strings.Trim(text[7:], alphabet) != "" {
		return nil, ErrHash
	}
	return func(password string) bool {
		return bcrypt.CompareHashAndPassword([]byte(text), []byte(password)) == nil
	}, nil
}

// parseSCrypt takes ln=…,r=…,p=…$salt$key.
func parseSCrypt(fields []string) (hash, error) {
	if len(fields) != 3 {
		return nil, ErrHash
	}
	n, salt, want, err := settings(fields, "ln", "r", "p")
	if err != nil {
		return nil, err
	}
	ln, r, p := n[0], n[1], n[2]
	if ln < 1 || ln > 20 || r < 1 || p < 1 || r > 64 || p > 64 || r*p<<ln > maxSCryptWork || 128*r<<ln > maxHashMemory {
		return nil, ErrHash
	}
	return func(password string) bool {
		key, err := scrypt.Key([]byte(password), salt, 1<<ln, r, p, len(want))
		return err == nil && subtle.ConstantTimeCompare(key, want) == 1
	}, nil
}

// parseArgon2ID takes v=19$m=…,t=…,p=…$salt$key.
func parseArgon2ID(fields []string) (hash, error) {
	if len(fields) != 4 || fields[0] != "v="+strconv.Itoa(argon2.Version) {
		return nil, ErrHash
	}
	n, salt, want, err := settings(fields[1:], "m", "t", "p")
	if err != nil {
		return nil, err
	}
	memory, passes, lanes := n[0], n[1], n[2]
	if lanes < 1 || lanes > maxArgonLanes || passes < 1 || memory < 8*lanes || memory > maxHashMemory>>10 || memory*passes > maxArgonWork {
		return nil, ErrHash
	}
	return func(password string) bool {
		key := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(want)))
		return subtle.ConstantTimeCompare(key, want) == 1
	}, nil
}

// parsePBKDF2 takes i=…,l=…$salt$key, or the number of iterations alone, as passlib writes it.
func parsePBKDF2(fields []string) (hash, error) {
	if len(fields) != 3 {
		return nil, ErrHash
	}
	iterations, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "i="), ",")
	salt, want, err := saltAndKey(fields[1], fields[2])
	if err != nil {
		return nil, err
	}
	return newPBKDF2(iterations, salt, want)
}

// parseDjango takes iterations$salt$key. Its salt is text.
func parseDjango(fields []string) (hash, error) {
	if len(fields) != 3 || len(fields[1]) < minSaltSize {
		return nil, ErrHash
	}
	want, err := decode(fields[2], minHashSize)
	if err != nil {
		return nil, err
	}
	return newPBKDF2(fields[0], []byte(fields[1]), want)
}

func newPBKDF2(iterations string, salt, want []byte) (hash, error) {
	n, err := number(iterations)
	if err != nil || n > maxIterations || len(want) > sha256.Size { // each block of a longer key costs as much again
		return nil, ErrHash
	}
	return func(password string) bool {
		key, err := pbkdf2.Key(sha256.New, password, salt, n, len(want))
		return err == nil && subtle.ConstantTimeCompare(key, want) == 1
	}, nil
}

// settings reads numbers in their order, and the salt and key behind them.
func settings(fields []string, names ...string) (numbers []int, salt, key []byte, err error) {
	given := strings.Split(fields[0], ",")
	if len(given) != len(names) {
		return nil, nil, nil, ErrHash
	}
	for i, name := range names {
		value, ok := strings.CutPrefix(given[i], name+"=")
		n, err := number(value)
		if !ok || err != nil {
			return nil, nil, nil, ErrHash
		}
		numbers = append(numbers, n)
	}
	salt, key, err = saltAndKey(fields[1], fields[2])
	return numbers, salt, key, err
}

// number reads a positive number of at most nine digits.
func number(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 || len(text) > 9 {
		return 0, ErrHash
	}
	return int(n), nil
}

func saltAndKey(first, second string) (salt, key []byte, err error) {
	if salt, err = decode(first, minSaltSize); err != nil {
		return nil, nil, err
	}
	key, err = decode(second, minHashSize)
	return salt, key, err
}

// decode reads base64 with or without padding, with passlib's dot for the plus.
func decode(text string, least int) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(strings.TrimRight(text, "="), ".", "+"))
	if err != nil || len(b) < least || len(b) > maxHashSize {
		return nil, ErrHash
	}
	return b, nil
}

// matchesHash says whether text is the password of an imported hash.
func matchesHash(imported, text string) bool {
	_, check, err := parseHash(imported)
	return err == nil && check(text)
}
