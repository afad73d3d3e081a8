package userpool

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// NewNumber makes a number for a pool or a user: 41 bits of milliseconds since 2020 and 22 bits that this
// process counts up from a random start. So rows made together lie together, nodes need no sequence, and one
// process gives no number twice. Where two nodes meet, a store refuses the second with ErrExists, and the unit
// of work draws another.
func NewNumber(now time.Time) int64 {
	const since2020 = 1577836800000
	return (now.UnixMilli()-since2020)&(1<<41-1)<<22 | int64(drawn.Add(1)&(1<<22-1))
}

var drawn = func() *atomic.Uint32 {
	var b [4]byte
	rand.Read(b[:])
	n := new(atomic.Uint32)
	n.Store(binary.BigEndian.Uint32(b[:]))
	return n
}()
