namespace Trt.Utils;

/// <summary>
/// The tensors of a TorchScript archive: the attributes of its modules, which are their parameters and buffers, under dotted names as in a state dict. The program is not even read.
/// </summary>
internal static class TorchScript
{
    /// <summary>How TorchScript's own programs name the archive's constants.</summary>
    private const string Constants = "CONSTANTS";

    private const int Deepest = 256;

    public static WeightContent Load(TorchZipFile archive)
    {
        object? root = archive.Load("data");
        object? constants = archive.Load("constants");
        if (root is not TorchDictionary { TypeName: not null } module)
        {
            throw new TorchFormatException(archive.Path, "It is a TorchScript archive whose data.pkl holds no module. The file is damaged.");
        }

        OrderedDictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
        Walk(archive, module, tensors);
        if (constants is object?[] { Length: > 0 } values)
        {
            if (tensors.Count == 0)
            {
                AddConstants(values, tensors); // torch.jit.freeze makes constants of all parameters
            }

            module.Set(Constants, values);
        }

        return new WeightContent(root, tensors);
    }

    private static void AddConstants(object?[] values, OrderedDictionary<string, TorchTensor> tensors)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is TorchTensor tensor)
            {
                tensors[$"{Constants}.c{i}"] = tensor.WithName($"{Constants}.c{i}");
            }
        }
    }

    /// <summary>Modules in the order of their attributes. A module that several share stands under each name, as in a state dict.</summary>
    private static void Walk(TorchZipFile archive, TorchDictionary root, OrderedDictionary<string, TorchTensor> tensors)
    {
        PickleBudget budget = new(archive.Path, archive.StructureLength);
        Stack<(IEnumerator<KeyValuePair<object, object?>> Attributes, string Prefix)> open = new();
        open.Push((root.GetEnumerator(), ""));
        while (open.TryPeek(out (IEnumerator<KeyValuePair<object, object?>> Attributes, string Prefix) item))
        {
            if (!item.Attributes.MoveNext())
            {
                open.Pop();
                continue;
            }

            if (item.Attributes.Current.Key is not string name)
            {
                continue;
            }

            string full = item.Prefix.Length == 0 ? name : $"{item.Prefix}.{name}";
            budget.Charge(64 + full.Length);
            switch (item.Attributes.Current.Value)
            {
                case TorchTensor tensor:
                    tensors[full] = tensor.WithName(full);
                    break;
                case TorchDictionary { TypeName: not null } child when open.Count < Deepest:
                    open.Push((child.GetEnumerator(), full));
                    break;
                case TorchDictionary { TypeName: not null }:
                    throw new TorchFormatException(archive.Path, $"Its modules are nested more than {Deepest} deep. The file is damaged.");
            }
        }
    }
}
