package account_test
import ("testing";"time")
func TestZZ(t *testing.T){
 a:=time.Now(); w:=newWorld(t); b:=time.Now(); p:=w.pool(); c:=time.Now(); w.member(p,"jane"); d:=time.Now(); w.signUp(w.client(p,false),"joan"); e:=time.Now()
 t.Log(b.Sub(a),c.Sub(b),d.Sub(c),e.Sub(d))
}
