package machine

import "testing"

func BenchmarkBoot(b *testing.B) {
	if err := Possible(); err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		m, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := m.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkReboot(b *testing.B) {
	if err := Possible(); err != nil {
		b.Skip(err)
	}
	for _, how := range []struct {
		name string
		kind RebootKind
	}{{"orderly", Orderly}, {"power cut", PowerCut}} {
		b.Run(how.name, func(b *testing.B) {
			m, err := Start(b.Context(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			for b.Loop() {
				if err := m.Reboot(b.Context(), how.kind); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
