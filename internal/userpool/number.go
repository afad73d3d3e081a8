package userpool

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// NewNumber makes a number for a pool or a user: 41 bits of milliseconds since 2020 and 22 random bits,
// so that rows made together lie together and nodes need no sequence. A store refuses a number that is
// taken with ErrExists, and the unit of work draws another.
func NewNumber(now time.Time) int64 {
	var b [4]byte
	rand.Read(b[:])
	since := now.UnixMilli() - 1577836800000
	return (since&(1<<41-1))<<22 | int64(binary.BigEndian.Uint32(b[:])>>10)
}
