/**
 * The Huffman code of HPACK (RFC 7541, Appendix B), as data.
 *
 * The code is canonical: symbols that have codes of one length have consecutive ones, in the order of the symbols, and the first of a length follows
 * the last of the length before. So the lengths of Appendix B are all there is to write down; the codes are counted out below.
 */

/** The symbol behind the 256 bytes. It only pads: a string that holds it is an error (5.2). */
export const EOS = 256

/** Bits of the code of each symbol. */
// biome-ignore format: one line for sixteen symbols
export const codeLengths: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
   6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6, //   ! " # $ % & ' ( ) * + , - . /
   5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10, // 0 1 2 3 4 5 6 7 8 9 : ; < = > ?
  13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7, // @ A B C D E F G H I J K L M N O
   7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6, // P Q R S T U V W X Y Z [ \ ] ^ _
  15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5, // ` a b c d e f g h i j k l m n o
   6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28, // p q r s t u v w x y z { | } ~
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30, // EOS
)

/** The code of each symbol, in its lowest bits. */
export const codes: Uint32Array = canonicalCodes(codeLengths)

function canonicalCodes(lengths: Uint8Array): Uint32Array {
  // By length: how many codes there are, then the code that comes next.
  const next = new Uint32Array(31)
  for (const length of lengths) next[length] = (next[length] as number) + 1
  let code = 0
  for (let length = 1; length <= 30; length += 1) {
    const count = next[length] as number
    code *= 2
    next[length] = code
    code += count
  }
  // Twice through the symbols and not once for each length: every program that imports this package pays for it.
  return Uint32Array.from(lengths, (length) => {
    const own = next[length] as number
    next[length] = own + 1
    return own
  })
}
