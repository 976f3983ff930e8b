using System.Runtime.CompilerServices;
using System.Text;
using Trt.Interop.Core;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Names of every length as native code gets them: short ones are copied in overlapping pieces, long ones lie on the heap.</summary>
public sealed unsafe class NameTests
{
    private static readonly string[] Alphabets = ["abcdefghij", "aé", "\u0001\u007f", "\u0080\u07ff", "日本", "😀x"];

    [Fact]
    public void NamesOfAllLengthsArriveWithTheirEnd()
    {
        foreach (string alphabet in Alphabets)
        {
            for (int length = 0; length <= 300; length += length < 70 || length > 240 ? 1 : 13)
            {
                string name = new([.. Enumerable.Range(0, length).Select(i => alphabet[i % alphabet.Length])]);
                byte[] expected = [.. Encoding.UTF8.GetBytes(name), 0];
                Utf8Buffer buffer;
                Unsafe.SkipInit(out buffer);
                new Span<byte>(&buffer, Utf8Argument.StackSize).Fill(0xcc);
                Utf8Argument text = new(name, (byte*)&buffer);
                Assert.Equal(expected, new ReadOnlySpan<byte>(text.Pointer, expected.Length).ToArray());
                Assert.Equal(expected.Length > Utf8Argument.StackSize, text.Held is not null);
                GC.KeepAlive(text.Held);

                new Span<byte>(&buffer, Utf8Argument.StackSize).Fill(0xcc);
                text = new Utf8Argument(expected.AsSpan(0, expected.Length - 1), (byte*)&buffer);
                Assert.Equal(expected, new ReadOnlySpan<byte>(text.Pointer, expected.Length).ToArray());
                GC.KeepAlive(text.Held);
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 3)]
    [InlineData(8, 7)]
    [InlineData(9, 8)]
    [InlineData(40, 39)]
    [InlineData(300, 299)]
    public void ANulInANameIsRefusedWhereverItIs(int length, int at)
    {
        string name = string.Create(length, at, static (text, where) =>
        {
            text.Fill('a');
            text[where] = '\0';
        });
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
        {
            Utf8Buffer buffer;
            Unsafe.SkipInit(out buffer);
            _ = new Utf8Argument(name, (byte*)&buffer);
        });
        Assert.Contains("ends at its first NUL", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoNameIsANullPointer()
    {
        Utf8Buffer buffer;
        Unsafe.SkipInit(out buffer);
        Utf8Argument text = new((string?)null, (byte*)&buffer);
        Assert.True(text.Pointer is null);
    }
}
