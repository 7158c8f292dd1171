# Makes rsa_sha1.pdf and pkcs7_sha1.pdf with OpenSSL, for the formats that nobody writes any more. Run in a folder with
# k.pem and c.pem, an RSA key and its certificate for 2010 to 2014; the key is not kept.
import hashlib,subprocess,sys
def build(sub, extra, gapbytes):
    out=bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"); off={}
    def obj(n,b):
        off[n]=len(out); out.extend(b"%d 0 obj\n"%n+b+b"\nendobj\n")
    obj(1,b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>")
    obj(2,b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    obj(3,b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Annots[4 0 R]>>")
    obj(4,b"<</FT/Sig/T(Firma)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 3 0 R/V 5 0 R>>")
    off[5]=len(out)
    out.extend(b"5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/"+sub+extra+b"/ByteRange[")
    br=len(out); out.extend(b"0 0000000000 0000000000 0000000000]/Contents ")
    g=len(out); out.extend(b"<"+b"0"*(2*gapbytes)+b">"); e=len(out); out.extend(b">>\nendobj\n")
    x=len(out); out.extend(b"xref\n0 6\n0000000000 65535 f \n"+b"".join(b"%010d 00000 n \n"%off[i] for i in range(1,6)))
    out.extend(b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"%x)
    s=b"0 %010d %010d %010d"%(g,e,len(out)-e); out[br:br+len(s)]=s
    return out,g,e
def fill(out,g,e,val):
    h=val.hex().encode(); out[g+1:g+1+len(h)]=h; return bytes(out)
cert=open("c.der","rb").read()
out,g,e=build(b"adbe.x509.rsa_sha1",b"/Cert<"+cert.hex().encode()+b">",300)
cov=bytes(out[:g]+out[e:]); open("cov","wb").write(cov)
sig=subprocess.run("openssl dgst -sha1 -sign k.pem cov",shell=True,capture_output=True).stdout
assert len(sig)==256
open("rsa_sha1.pdf","wb").write(fill(out,g,e,b"\x04\x82\x01\x00"+sig))
out,g,e=build(b"adbe.pkcs7.sha1",b"",2500)
cov=bytes(out[:g]+out[e:]); open("dig","wb").write(hashlib.sha1(cov).digest())
cms=subprocess.run("openssl cms -sign -binary -nodetach -in dig -signer c.pem -inkey k.pem -outform der -md sha256 -nosmimecap",shell=True,capture_output=True).stdout
open("pkcs7_sha1.pdf","wb").write(fill(out,g,e,cms))
# r2.pdf to r6.pdf: qpdf --encrypt usuaria dueña 40|128|256, RC4 for r2 and r3, --force-R5 for r5; r6_streams.pdf
# with object streams and without a user password.
