using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace Trt.Utils;

/// <summary>
/// A pickle machine for protocols 0 to 5 that makes plain values only. It runs as a loop over the operations, so nesting costs no stack; calls go to the few globals of
/// <see cref="TorchGlobals"/>, and any other global ends the reading with its name.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="storages">Finds what a persistent id stands for.</param>
/// <param name="isScript">Whether it is TorchScript's, with classes of its program.</param>
internal sealed class Unpickler(string path, Func<object?[], StorageView> storages, bool isScript = false)
{
    /// <summary>Pickles hold structure, not tensor data; that of a checkpoint with 300,000 tensors fits.</summary>
    public const int LongestPickle = 64 << 20;

    private const int LongestInteger = 1 << 16;

    private static readonly ImmutableArray<object> SmallNumbers = [.. Enumerable.Range(0, 256).Select(number => (object)(long)number)];
    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object?[] EmptyTuple = [];

    private readonly PickleStack stack = new(path);
    private readonly Dictionary<uint, object?> memo = [];
    private PickleBudget budget = new(path, 0);

    /// <summary>Reads one pickle.</summary>
    /// <param name="pickle">Bytes that begin with it; more may follow.</param>
    /// <param name="length">How many bytes it has.</param>
    public object? Load(ReadOnlySpan<byte> pickle, out int length)
    {
        PickleReader reader = new(pickle, path);
        budget = new PickleBudget(path, pickle.Length);
        while (true)
        {
            int at = reader.Position;
            budget.Operation();
            PickleOp operation = (PickleOp)reader.Byte();
            if (operation == PickleOp.Stop)
            {
                length = reader.Position;
                return stack.Pop();
            }

            if (!Scalar(operation, ref reader) && !Text(operation, ref reader) && !Container(operation) && !Memo(operation, ref reader) && !Call(operation, ref reader))
            {
                throw Fail($"The byte 0x{(byte)operation:x2} at offset {at} of the pickle is no operation that a checkpoint uses. The file is damaged or of an unknown kind.");
            }
        }
    }

    private bool Scalar(PickleOp operation, ref PickleReader reader)
    {
        switch (operation)
        {
            case PickleOp.None: stack.Push(null); break;
            case PickleOp.NewTrue: stack.Push(True); break;
            case PickleOp.NewFalse: stack.Push(False); break;
            case PickleOp.BinInt1: stack.Push(SmallNumbers[reader.Byte()]); break;
            case PickleOp.BinInt2: stack.Push((long)reader.UInt16()); break;
            case PickleOp.BinInt: stack.Push((long)reader.Int32()); break;
            case PickleOp.Long1: stack.Push(Integer(reader.Take(reader.Byte()))); break;
            case PickleOp.Long4: stack.Push(Integer(reader.Take(Length(reader.Int32())))); break;
            case PickleOp.BinFloat: stack.Push(reader.Double()); break;
            case PickleOp.Float: stack.Push(PickleText.Float(reader.Line()) ?? throw Malformed("floating-point number")); break;
            case PickleOp.Long: stack.Push(PickleText.Integer(reader.Line()) ?? throw Malformed("integer")); break;
            case PickleOp.Int:
                ReadOnlySpan<byte> line = reader.Line();
                stack.Push(line.SequenceEqual("01"u8) ? True : line.SequenceEqual("00"u8) ? False : PickleText.Integer(line) ?? throw Malformed("integer"));
                break;
            default: return false;
        }

        return true;
    }

    private bool Text(PickleOp operation, ref PickleReader reader)
    {
        switch (operation)
        {
            case PickleOp.ShortBinUnicode: stack.Push(Utf8(reader.Take(reader.Byte()))); break;
            case PickleOp.BinUnicode: stack.Push(Utf8(reader.Take(reader.UInt32()))); break;
            case PickleOp.BinUnicode8: stack.Push(Utf8(reader.Take(reader.UInt64()))); break;
            case PickleOp.Unicode: stack.Push(PickleText.RawUnicode(reader.Line()) ?? throw Malformed("text")); break;
            case PickleOp.String: stack.Push(PickleText.Quoted(reader.Line()) ?? throw Malformed("text")); break;
            case PickleOp.ShortBinString: stack.Push(Utf8(reader.Take(reader.Byte()))); break;
            case PickleOp.BinString: stack.Push(Utf8(reader.Take(Length(reader.Int32())))); break;
            case PickleOp.ShortBinBytes: stack.Push(reader.Take(reader.Byte()).ToArray()); break;
            case PickleOp.BinBytes: stack.Push(reader.Take(reader.UInt32()).ToArray()); break;
            case PickleOp.BinBytes8 or PickleOp.ByteArray8: stack.Push(reader.Take(reader.UInt64()).ToArray()); break;
            default: return false;
        }

        return true;
    }

    private bool Container(PickleOp operation)
    {
        switch (operation)
        {
            case PickleOp.Mark: stack.Mark(); break;
            case PickleOp.Pop: stack.Drop(); break;
            case PickleOp.PopMark: _ = stack.PopToMark(); break;
            case PickleOp.Dup: stack.Push(stack.Peek()); break;
            case PickleOp.EmptyTuple: stack.Push(EmptyTuple); break;
            case PickleOp.Tuple1: PushNew(stack.PopTuple(1)); break;
            case PickleOp.Tuple2: PushNew(stack.PopTuple(2)); break;
            case PickleOp.Tuple3: PushNew(stack.PopTuple(3)); break;
            case PickleOp.Tuple: PushNew(stack.PopToMark()); break;
            case PickleOp.EmptyList: PushNew(new List<object?>()); break;
            case PickleOp.List: PushNew(new List<object?>(stack.PopToMark())); break;
            case PickleOp.EmptyDict: PushNew(new TorchDictionary(isOrderedDict: false)); break;
            case PickleOp.EmptySet: PushNew(new HashSet<object>(PickleKeyComparer.Instance)); break;
            case PickleOp.Dict:
                object?[] pairs = stack.PopToMark();
                PushNew(new TorchDictionary(isOrderedDict: false));
                SetItems(pairs);
                break;
            case PickleOp.FrozenSet:
                object?[] members = stack.PopToMark();
                PushNew(new HashSet<object>(PickleKeyComparer.Instance));
                AddItems(members);
                break;
            case PickleOp.Append:
                object? item = stack.Pop();
                ListOnTop().Add(item);
                break;
            case PickleOp.Appends:
                object?[] items = stack.PopToMark();
                ListOnTop().AddRange(items);
                break;
            case PickleOp.SetItem: SetItems(stack.PopTuple(2)); break;
            case PickleOp.SetItems: SetItems(stack.PopToMark()); break;
            case PickleOp.AddItems: AddItems(stack.PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool Memo(PickleOp operation, ref PickleReader reader)
    {
        switch (operation)
        {
            case PickleOp.BinPut: memo[reader.Byte()] = stack.Peek(); break;
            case PickleOp.LongBinPut: memo[reader.UInt32()] = stack.Peek(); break;
            case PickleOp.Put: memo[MemoIndex(reader.Line())] = stack.Peek(); break;
            case PickleOp.Memoize: memo[(uint)memo.Count] = stack.Peek(); break;
            case PickleOp.BinGet: stack.Push(Recall(reader.Byte())); break;
            case PickleOp.LongBinGet: stack.Push(Recall(reader.UInt32())); break;
            case PickleOp.Get: stack.Push(Recall(MemoIndex(reader.Line()))); break;
            case PickleOp.Frame: reader.Require(reader.UInt64()); break;
            case PickleOp.Proto:
                byte protocol = reader.Byte();
                if (protocol > 5)
                {
                    throw Fail($"The pickle says it is of protocol {protocol}; protocols 0 to 5 are known. The file is damaged or newer than this reader.");
                }

                break;
            default: return false;
        }

        return true;
    }

    private bool Call(PickleOp operation, ref PickleReader reader)
    {
        switch (operation)
        {
            case PickleOp.Global: stack.Push(FindGlobal(Encoding.Latin1.GetString(reader.Line()), Encoding.Latin1.GetString(reader.Line()))); break;
            case PickleOp.StackGlobal:
                object?[] names = stack.PopTuple(2);
                stack.Push(FindGlobal(names[0] as string ?? throw Malformed("global"), names[1] as string ?? throw Malformed("global")));
                break;
            case PickleOp.Inst:
                object global = FindGlobal(Encoding.Latin1.GetString(reader.Line()), Encoding.Latin1.GetString(reader.Line()));
                Invoke(global, stack.PopToMark());
                break;
            case PickleOp.Obj:
                object?[] parts = stack.PopToMark();
                Invoke(parts.Length == 0 ? null : parts[0], parts.AsSpan(Math.Min(1, parts.Length)).ToArray());
                break;
            case PickleOp.Reduce or PickleOp.NewObj:
                object? arguments = stack.Pop();
                Invoke(stack.Pop(), arguments as object?[] ?? throw Malformed("call"));
                break;
            case PickleOp.NewObjEx:
                object?[] call = stack.PopTuple(3);
                Invoke(call[0], call[2] is TorchDictionary { Count: 0 } && call[1] is object?[] positional ? positional : throw Malformed("call"));
                break;
            case PickleOp.Build: Build(); break;
            case PickleOp.BinPersId:
                object? id = stack.Pop();
                stack.Push(storages(id as object?[] ?? throw Malformed("persistent id")));
                break;
            case PickleOp.PersId:
                throw Fail($"The pickle refers to \"{PickleText.Shorten(Encoding.Latin1.GetString(reader.Line()))}\" outside itself, which is not how PyTorch writes tensors.");
            case PickleOp.Ext1: throw Extension(reader.Byte());
            case PickleOp.Ext2: throw Extension(reader.UInt16());
            case PickleOp.Ext4: throw Extension(reader.UInt32());
            case PickleOp.NextBuffer or PickleOp.ReadOnlyBuffer:
                throw Fail("The pickle keeps data in buffers outside the file. Save it with torch.save, which does not.");
            default: return false;
        }

        return true;
    }

    private void Invoke(object? callee, object?[] arguments)
    {
        if (callee is not TorchGlobal global)
        {
            throw Malformed("call");
        }

        budget.Container();
        stack.Push(TorchCalls.Invoke(path, budget, global, arguments));
    }

    /// <summary>Gives an object its attributes; among what can be made here only dictionaries have some (a state dict's version numbers) and TorchScript objects.</summary>
    private void Build()
    {
        object? state = stack.Pop();
        if (stack.Peek() is not TorchDictionary target)
        {
            throw Fail("The pickle sets attributes of a value that has none. The file is damaged or holds objects of its own kinds; save its state_dict() alone.");
        }

        if (target.TypeName is not null)
        {
            BuildScriptObject(target, state);
            return;
        }

        target.Attributes = state switch
        {
            null => null,
            TorchDictionary attributes => attributes,
            object?[] { Length: 2 } pair when pair[0] is TorchDictionary attributes && pair[1] is null => attributes,
            _ => throw Malformed("state"),
        };
    }

    /// <summary>Modules have a dictionary of attributes; classes with a __getstate__ of their own have anything.</summary>
    private void BuildScriptObject(TorchDictionary target, object? state)
    {
        if (state is not TorchDictionary { TypeName: null } attributes)
        {
            target.Set("__state__", state);
            return;
        }

        budget.Charge(16L * attributes.Count);
        foreach ((object key, object? value) in attributes)
        {
            TorchCalls.CheckKey(path, budget, key);
            target.Set(key, value);
        }
    }

    private void SetItems(object?[] pairs)
    {
        if (stack.Peek() is not TorchDictionary target || pairs.Length % 2 != 0)
        {
            throw Malformed("dictionary");
        }

        for (int i = 0; i < pairs.Length; i += 2)
        {
            object? key = pairs[i];
            TorchCalls.CheckKey(path, budget, key);
            if (pairs[i + 1] is TorchTensor { Name.Length: 0 } tensor)
            {
                tensor.Name = key as string ?? PickleKeyComparer.Describe(key);
            }

            target.Set(key!, pairs[i + 1]);
        }
    }

    private void AddItems(object?[] members)
    {
        if (stack.Peek() is not HashSet<object> target)
        {
            throw Malformed("set");
        }

        foreach (object? member in members)
        {
            TorchCalls.CheckKey(path, budget, member);
            target.Add(member!);
        }
    }

    private void PushNew(object value)
    {
        budget.Container();
        stack.Push(value);
    }

    private List<object?> ListOnTop() => stack.Peek() as List<object?> ?? throw Malformed("list");

    private object FindGlobal(string module, string name) => (isScript ? TorchGlobals.FindInScript(module, name) : TorchGlobals.Find(module, name)) ?? throw TorchCalls.Refuse(path, $"{module}.{name}");

    private object? Recall(uint index) => memo.TryGetValue(index, out object? value) ? value : throw Malformed("reference");

    private uint MemoIndex(ReadOnlySpan<byte> line) => PickleText.Integer(line) is long index and >= 0 and <= uint.MaxValue ? (uint)index : throw Malformed("reference");

    private object Integer(ReadOnlySpan<byte> bytes) => bytes.Length <= LongestInteger
        ? PickleText.Number(new BigInteger(bytes))
        : throw Fail($"The pickle has an integer of {bytes.Length} bytes; {LongestInteger} is the most that is read.");

    private ulong Length(int length) => length >= 0 ? (ulong)length : throw Malformed("length");

    private string Utf8(ReadOnlySpan<byte> bytes) => PickleText.Utf8(bytes) ?? throw Malformed("text");

    private TorchFormatException Extension(uint code) => new(path, $"The pickle wants to call the Python global that is registered under extension code {code}, which only the writing program knows. Save the state_dict() alone.", $"extension {code}");

    private TorchFormatException Malformed(string what) => Fail($"The pickle has a malformed {what}. The file is damaged.");

    private TorchFormatException Fail(string problem) => new(path, problem);
}
