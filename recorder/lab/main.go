// lab: the one program inside every image of the recording cluster.
//   lab web TAG | lab idle | lab request N URL | lab background N URL MS [-k] | lab resolve NAME... | lab registry DIR ADDR
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func dur(k string, d time.Duration) time.Duration {
	if v := os.Getenv(k); v != "" {
		if x, err := time.ParseDuration(v); err == nil {
			return x
		}
	}
	return d
}

func web(tag string) {
	start := time.Now()
	name, _ := os.Hostname()
	fmt.Printf("starting %s %s\n", name, tag)
	port := os.Getenv("APP_PORT")
	if port == "" {
		port = "80"
	}
	ready := dur("APP_READY_DELAY", 0)
	unready := dur("APP_UNREADY_AFTER", -1)
	latency := dur("APP_LATENCY", 2*time.Millisecond)
	rate, _ := strconv.ParseFloat(os.Getenv("APP_ERROR_RATE"), 64)
	var srv http.Server
	sig := make(chan os.Signal, 4)
	signal.Notify(sig, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for range sig {
			switch os.Getenv("APP_ON_TERM") {
			case "ignore":
			case "drain":
				srv.Shutdown(context.Background())
				os.Exit(0)
			default:
				os.Exit(0)
			}
		}
	}()
	if d := dur("APP_CRASH_AFTER", -1); d >= 0 {
		go func() {
			time.Sleep(d)
			fmt.Println("crashing")
			code := 1
			if c, err := strconv.Atoi(os.Getenv("APP_EXIT_CODE")); err == nil {
				code = c
			}
			os.Exit(code)
		}()
	}
	time.Sleep(dur("APP_START_DELAY", 0))
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/ready" {
			el := time.Since(start)
			if el < ready || (unready >= 0 && el >= unready) {
				http.Error(w, "not ready", 503)
				return
			}
			fmt.Fprintln(w, "ok")
			return
		}
		time.Sleep(latency)
		if rate > 0 && rand.Float64() < rate {
			http.Error(w, "error", 500)
			return
		}
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintf(w, "pod=%s version=%s from=%s\n", name, tag, from)
	})
	l, err := net.Listen("tcp4", ":"+port)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	srv.Serve(l)
	select {}
}

func idle() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	<-c
}

func kind(err error) string {
	var ne net.Error
	switch {
	case strings.Contains(err.Error(), "Client.Timeout"), errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return "Client.Timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "no route to host"
	case errors.Is(err, syscall.ENETUNREACH):
		return "network is unreachable"
	case strings.Contains(err.Error(), "no such host"):
		return "no such host"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "EOF"
	}
	return err.Error()
}

func client(keep bool) *http.Client {
	return &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: !keep, MaxIdleConnsPerHost: 1}}
}

func get(c *http.Client, url string) (string, bool) {
	r, err := c.Get(url)
	if err != nil {
		return "ERR " + kind(err), false
	}
	b, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return "ERR " + kind(err), false
	}
	return fmt.Sprintf("%d %s", r.StatusCode, strings.TrimSpace(string(b))), r.StatusCode == 200
}

func request(n int, url string) {
	start := time.Now()
	for i := 0; i < n; i++ {
		a := time.Now()
		res, _ := get(client(false), url)
		fmt.Printf("%d %d %s\n", a.Sub(start).Milliseconds(), time.Since(a).Milliseconds(), res)
	}
}

func background(n int, url string, ms int, keep bool) {
	var mu sync.Mutex
	ok, fails, from := 0, map[string]int{}, map[string]int{}
	var wg sync.WaitGroup
	shared := client(true)
	t := time.NewTicker(time.Duration(ms) * time.Millisecond)
	one := func() {
		c := shared
		if !keep {
			c = client(false)
		}
		res, good := get(c, url)
		mu.Lock()
		defer mu.Unlock()
		if good {
			ok++
			for _, w := range strings.Fields(res) {
				if strings.HasPrefix(w, "pod=") {
					from[w[4:]]++
				}
			}
		} else {
			fails[res]++
		}
	}
	for i := 0; i < n; i++ {
		if keep {
			one()
		} else {
			wg.Add(1)
			go func() { defer wg.Done(); one() }()
		}
		if i < n-1 {
			<-t.C
		}
	}
	wg.Wait()
	fmt.Printf("requests=%d ok=%d failed=%d\n", n, ok, n-ok)
	for _, k := range keys(fails) {
		fmt.Printf("  %d x %s\n", fails[k], k)
	}
	for _, k := range keys(from) {
		fmt.Printf("  %d from %s\n", from[k], k)
	}
}

func keys(m map[string]int) []string {
	var r []string
	for k := range m {
		r = append(r, k)
	}
	sort.Strings(r)
	return r
}

// registry serves DIR/NAME_TAG.json manifests and DIR/blobs/HEX; anything else is 404 as on a real registry.
func registry(dir, addr string) {
	http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		p := strings.TrimPrefix(r.URL.Path, "/v2/")
		if p == "" {
			return
		}
		if i := strings.LastIndex(p, "/manifests/"); i > 0 {
			ref := p[i+11:]
			f := filepath.Join(dir, strings.ReplaceAll(p[:i], "/", "_")+"_"+ref+".json")
			if strings.HasPrefix(ref, "sha256:") {
				f = filepath.Join(dir, "blobs", ref[7:])
			}
			if b, err := os.ReadFile(f); err == nil {
				h := sha256.Sum256(b)
				w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
				w.Header().Set("Docker-Content-Digest", "sha256:"+hex.EncodeToString(h[:]))
				w.Header().Set("Content-Length", strconv.Itoa(len(b)))
				if r.Method != "HEAD" {
					w.Write(b)
				}
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(404)
			json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}}})
			return
		}
		if i := strings.LastIndex(p, "/blobs/sha256:"); i > 0 {
			http.ServeFile(w, r, filepath.Join(dir, "blobs", p[i+14:]))
			return
		}
		http.NotFound(w, r)
	}))
}

func main() {
	a := os.Args[1:]
	if len(a) == 0 {
		idle()
		return
	}
	num := func(i int) int { n, _ := strconv.Atoi(a[i]); return n }
	switch a[0] {
	case "web":
		web(a[1])
	case "idle":
		idle()
	case "request":
		request(num(1), a[2])
	case "background":
		background(num(1), a[2], num(3), len(a) > 4)
	case "resolve":
		for _, n := range a[1:] {
			ips, err := net.DefaultResolver.LookupHost(context.Background(), n)
			fmt.Println(n, ips, err)
		}
	case "registry":
		registry(a[1], a[2])
	}
}
