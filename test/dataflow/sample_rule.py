"""The routing rule of the Python sample. Reads a value in each line, as hexadecimal digits or the word null, and says what the sample would do."""
import sys

for line in sys.stdin:
    text = line.strip()
    value = None if text == "null" else bytes.fromhex(text)
    try:
        if value is None:
            print("nothing")
        elif int(value[-1:]) % 2 == 0:
            print("even", (b"Even timestamp: " + value).hex())
        else:
            print("odd", (b"Odd timestamp:" + value).hex())
    except ValueError:
        print("the program ends")
