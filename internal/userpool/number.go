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
func NewNumber(now time.Time) int64 { return NewNumbers(now, 1) }

// NewNumbers makes n numbers, of which each is one more than the one before, and gives the first. n is far below 2^22.
func NewNumbers(now time.Time, n int) int64 {
	const since2020, low = 1577836800000, 1<<22 - 1
	for {
		last := drawn.Add(uint32(n)) & low
		if first := int64(last) - int64(n) + 1; first >= 0 { // else they would run over into the milliseconds
			return (now.UnixMilli()-since2020)&(1<<41-1)<<22 | first
		}
	}
}

var drawn = func() *atomic.Uint32 {
	var b [4]byte
	rand.Read(b[:])
	n := new(atomic.Uint32)
	n.Store(binary.BigEndian.Uint32(b[:]))
	return n
}()
